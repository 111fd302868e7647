import * as z from 'zod';
import { group, inWords } from './group.js';

/** A port the app chooses and passes on to the backend. */
export interface PortAddress {
  /**
   * The port, or the first and the last of a range of which the first free one is taken. The backend learns it through
   * `{port}` in `run`, or from the companion.
   * @example [8000, 8010]
   */
  port: number | readonly [number, number];
  /**
   * Address of this machine to use. Others would open the backend to the network.
   * @defaultValue '127.0.0.1'
   */
  host?: '127.0.0.1' | '::1';
}

/** How the address of the backend comes about. */
export type AddressConfig = 'announce' | 'unix' | 'none' | PortAddress;

type PortChoice = PortAddress['port'];

const port = inWords(z.int().min(1).max(65_535), 'a port number from 1 to 65535');

/** The key `address`. */
export const addressSchema: z.ZodType<AddressConfig, AddressConfig> = inWords(
  z.union([
    z.enum(['announce', 'unix', 'none']),
    group<PortAddress>('PortAddress')({
      port: inWords(
        z.union([port, z.tuple([port, port])]) as z.ZodType<PortChoice, PortChoice>,
        "a port number from 1 to 65535 or a range such as [8000, 8010]; for any free port write address: 'announce'",
      ),
      host: z.enum(['127.0.0.1', '::1']).optional(),
    }),
  ]),
  "'announce', 'unix', 'none' or { port: 8000 } or { port: [8000, 8010] }",
);
