import type { PluginBase } from '@electron-forge/plugin-base';
import type { IForgePlugin } from '@electron-forge/shared-types';
import { expect, test } from 'vitest';
import { PyInstallerPlugin } from '../../../src/hosts/forge/index.js';

/** What Forge calls of a plugin made with its base class; private members of the class are no part of it. */
type CalledByForge = Pick<PluginBase<unknown>, 'name' | 'init' | 'getHooks' | 'startLogic'>;

test('the plugin is what Forge takes for one, as its own types say', () => {
  const plugin = new PyInstallerPlugin({});
  // The assignments are the test: `npm run check` fails when a version of Forge changes what it calls.
  const asInterface: IForgePlugin = plugin;
  const asBase: Partial<CalledByForge> & Pick<CalledByForge, 'name' | 'init' | 'getHooks'> = plugin;
  expect(asInterface).toBe(asBase);
});
