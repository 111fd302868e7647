import type { ResolvedBackend } from '../../config/resolved.js';
import { isInside, withSlashes } from '../../lib/paths.js';
import type { Audit } from '../driver/records.js';
import type { Finding } from './finding.js';

/** What the configuration gives the program as `{bundle}/path`, and the bundle does not have there. */
export function judgeBundlePaths(backend: ResolvedBackend, audit: Pick<Audit, 'files'>): Finding[] {
  const { settings, verify, configPath, configFile, projectDir } = backend;
  const given: readonly (readonly [at: string, text: string])[] = [
    ...settings.args.map((text) => ['run.args', text] as const),
    ...Object.entries(settings.env).map(([name, text]) => [`run.env.${name}`, text] as const),
    ...(verify.args ?? []).map((text) => ['verify.args', text] as const),
  ];
  const files = audit.files.map(([place, source]) => ({ place: withSlashes(place), source }));
  const findings = given.flatMap(([at, text]) =>
    [...text.matchAll(/\{bundle\}[\\/]([^{}:;\s]+)(?=[:;{]|$)/g)].flatMap(([, printed = '']): Finding[] => {
      const wanted = withSlashes(printed).replace(/\/$/, '');
      if (files.some(({ place }) => place === wanted || place.startsWith(`${wanted}/`))) return [];
      const elsewhere = files.filter(
        ({ place, source }) =>
          place.endsWith(`/${wanted}`) && source !== null && isInside(projectDir, source),
      );
      const [only] = elsewhere;
      return [
        {
          severity: 'warning',
          rule: 'bundle-path',
          message: `${at} of ${configPath} in ${configFile} names {bundle}/${wanted}, which is not in the bundle.`,
          fix:
            only === undefined || elsewhere.length > 1
              ? `Correct the path, or put the file there with \`data\`.`
              : `It lies in another folder there: write {bundle}/${only.place}.`,
        },
      ];
    }),
  );
  return [...new Map(findings.map((finding) => [finding.message, finding])).values()];
}
