/** Names of the IPC channels between preload script and main process. */
export const channels = {
  status: 'electron-pyinstaller:status',
  fetch: 'electron-pyinstaller:fetch',
  control: 'electron-pyinstaller:control',
  watch: 'electron-pyinstaller:watch',
  state: 'electron-pyinstaller:state',
} as const;

/** A request of a page, as it travels. */
export interface BridgeRequest {
  readonly path: string;
  readonly method?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: string | ArrayBuffer | Uint8Array | null | undefined;
}

/** The answer, as it travels. */
export interface BridgeResponse {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: ArrayBuffer;
}
