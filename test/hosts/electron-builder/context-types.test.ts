import type {
  AfterPackContext,
  ArtifactCreated,
  Configuration,
  MacConfiguration,
  PlatformPackager,
  WindowsConfiguration,
} from 'app-builder-lib';
import { expectTypeOf, test } from 'vitest';
import type {
  BuilderConfig,
  BuilderContext,
  FinishedArtifact,
} from '../../../src/hosts/electron-builder/context.js';

/** Names that a type has: one that a version of electron-builder renames fails `npm run check`. */
type Has<T, Name extends keyof T> = Name;

test('what the hooks read is what electron-builder has, as its own types say', () => {
  expectTypeOf<
    Has<AfterPackContext, 'outDir' | 'appOutDir' | 'electronPlatformName' | 'arch' | 'packager' | 'targets'>
  >().toEqualTypeOf<keyof BuilderContext>();
  expectTypeOf<Has<Configuration, 'extraMetadata' | 'extraResources' | 'files'>>().toEqualTypeOf<
    keyof BuilderConfig
  >();
  expectTypeOf<AfterPackContext['electronPlatformName']>().toEqualTypeOf<
    BuilderContext['electronPlatformName']
  >();
  expectTypeOf<AfterPackContext['appOutDir']>().toEqualTypeOf<BuilderContext['appOutDir']>();
  expectTypeOf<ArtifactCreated['file']>().toEqualTypeOf<FinishedArtifact['file']>();
  type _Sections = [
    Has<MacConfiguration, 'files' | 'signIgnore' | 'x64ArchFiles'>,
    Has<WindowsConfiguration, 'files' | 'signExts'>,
    Has<
      PlatformPackager<MacConfiguration>,
      'config' | 'projectDir' | 'info' | 'appInfo' | 'platformSpecificBuildOptions'
    >,
    Has<PlatformPackager<MacConfiguration>['info'], 'appDir' | 'cancellationToken'>,
  ];
});
