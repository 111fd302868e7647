import type { ProtocolMessage } from '../talk/protocol-lines.js';
import type { Redact } from './redact.js';

/**
 * Remove secrets from what a backend says about itself, which ends up in events, errors and the log. Its answers (`result`, `message`) are
 * the application's own data and stay as they are, as the bodies of HTTP answers do. Pure.
 */
export function redactMessage(message: ProtocolMessage, redact: Redact): ProtocolMessage {
  switch (message.type) {
    case 'status':
    case 'progress':
      return { ...message, text: redact(message.text) };
    case 'fatal':
      return {
        ...message,
        code: redact(message.code),
        message: redact(message.message),
        traceback: message.traceback === null ? null : redact(message.traceback),
        module: message.module === null ? null : redact(message.module),
      };
    case 'hello':
    case 'extend':
    case 'ready':
    case 'stopping':
    case 'result':
    case 'message':
    default:
      return message;
  }
}
