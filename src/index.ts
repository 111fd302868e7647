export { defineConfig, type ConfigInput } from './config/define.js';
export type * from './config/schema/index.js';
