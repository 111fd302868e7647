/** By these a proxy tells a server who its client is, and servers believe them from 127.0.0.1. */
const ofProxies =
  /^(?:x-forwarded(?:-.*)?|forwarded|via|x-real-ip|x-original-(?:url|uri|host)|x-rewrite-url|(?:.*-)?(?:client|connecting)-ip)$/;

/** True for headers that a page must not set, because no proxy is in front of it. CGI (and so WSGI) does not tell `_` from `-`. Pure. */
export function isOfProxy(name: string): boolean {
  return ofProxies.test(name.toLowerCase().replaceAll('_', '-'));
}
