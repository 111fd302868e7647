/**
 * `protocol.handle` and `net.fetch`: as in Electron, `net.fetch` reaches the handlers of custom schemes, so a handler can be tried
 * without a page.
 */

type Handler = (request: Request) => Response | Promise<Response>;

/** Stand-in for Electron's Protocol class. */
export class Protocol {
  readonly #handlers = new Map<string, Handler>();

  handle(scheme: string, handler: Handler): void {
    if (this.#handlers.has(scheme)) throw new Error(`Failed to register protocol: ${scheme}`);
    this.#handlers.set(scheme, handler);
  }
  unhandle(scheme: string): void {
    if (!this.#handlers.delete(scheme)) throw new Error(`Failed to unhandle protocol: ${scheme}`);
  }
  isProtocolHandled(scheme: string): boolean {
    return this.#handlers.has(scheme);
  }
  registerSchemesAsPrivileged(_schemes: readonly unknown[]): void {}

  /** The handler of a URL's scheme, if there is one. */
  handlerOf(url: string): Handler | undefined {
    return this.#handlers.get(new URL(url).protocol.slice(0, -1));
  }
}

/** Stand-in for Electron's Session class: only its protocol handlers work. */
export class Session {
  readonly protocol = new Protocol();
  readonly webRequest = {
    onBeforeRequest: (): void => {},
    onBeforeSendHeaders: (): void => {},
    onHeadersReceived: (): void => {},
  };
  setPermissionRequestHandler(_handler: unknown): void {}
  setPermissionCheckHandler(_handler: unknown): void {}
  fetch(
    input: string | URL | Request,
    init?: RequestInit & { bypassCustomProtocolHandlers?: boolean },
  ): Promise<Response> {
    const request = new Request(input, init);
    const handler =
      init?.bypassCustomProtocolHandlers === true ? undefined : this.protocol.handlerOf(request.url);
    return handler === undefined ? fetch(request) : Promise.resolve(handler(request));
  }
}
