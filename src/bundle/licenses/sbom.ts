import { Enums, Models, Serialize, SPDX, Spec } from '@cyclonedx/cyclonedx-library';
import { packageVersion } from '../../lib/package-root.js';
import { normalizeName } from '../../lib/text.js';
import type { LicensedPart } from './list-licenses.js';
import { titleOf } from './notice.js';

/**
 * A bill of materials in CycloneDX 1.6, JSON. The same parts make the same text: it has neither a time nor a random number.
 * @see {@link https://cyclonedx.org/docs/1.6/json/}
 */
export function billOfMaterials(backend: string, parts: readonly LicensedPart[]): string {
  const bom = new Models.Bom();
  bom.metadata.component = new Models.Component(Enums.ComponentType.Application, backend, {
    bomRef: backend,
  });
  bom.metadata.tools.components.add(
    new Models.Component(Enums.ComponentType.Application, 'electron-pyinstaller', {
      version: packageVersion,
    }),
  );
  for (const part of parts) {
    const component = componentOf(part);
    bom.components.add(component);
    bom.metadata.component.dependencies.add(component.bomRef);
  }
  const normalizer = new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6);
  return new Serialize.JsonSerializer(normalizer).serialize(bom, { sortLists: true, space: 2 });
}

function componentOf(part: LicensedPart): Models.Component {
  const { name, version, homepage } = part;
  const purl = purlOf(part);
  const component = new Models.Component(typeOf(part), name, {
    bomRef: purl ?? titleOf(part),
    ...(version === null || version === '' ? {} : { version }),
    ...(purl === null ? {} : { purl }),
  });
  const license = licenseOf(part);
  if (license !== null) component.licenses.add(license);
  if (homepage !== null)
    component.externalReferences.add(
      new Models.ExternalReference(homepage, Enums.ExternalReferenceType.Website),
    );
  return component;
}

function typeOf({ type }: LicensedPart): Enums.ComponentType {
  switch (type) {
    case 'distribution':
    case 'companion':
    case 'library':
      return Enums.ComponentType.Library;
    case 'python':
    case 'bootloader':
      return Enums.ComponentType.Framework;
    default:
      return type satisfies never;
  }
}

/** @see {@link https://github.com/package-url/purl-spec/blob/main/types-doc/pypi-definition.md} */
function purlOf({ type, name, version }: LicensedPart): string | null {
  const end = version === null || version === '' ? '' : `@${encodeURIComponent(version)}`;
  switch (type) {
    case 'distribution':
      return `pkg:pypi/${normalizeName(name)}${end}`;
    case 'companion':
      return `pkg:npm/${name}${end}`;
    case 'python':
      return `pkg:generic/python${end}`;
    // It is a part of what `pkg:pypi/pyinstaller` is, under another license.
    case 'bootloader':
    case 'library':
      return null;
    default:
      return type satisfies never;
  }
}

function licenseOf({ expression, declared }: LicensedPart): Models.License | null {
  if (expression !== null)
    return SPDX.isSupportedSpdxId(expression)
      ? new Models.SpdxLicense(expression)
      : new Models.LicenseExpression(expression);
  const [line = ''] = declared.split('\n');
  return declared === 'UNKNOWN' ? null : new Models.NamedLicense(line.slice(0, 200));
}
