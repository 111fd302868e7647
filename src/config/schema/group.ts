import * as z from 'zod';

/** Words that say what a value may be, for messages: `expected <words>, got …`. */
const wordsOf = z.registry<{ readonly text: string }>();

/** Attach the words a message uses for this schema, e.g. `a size such as '500 MB'`. */
export function inWords<S extends z.ZodType>(schema: S, text: string): S {
  wordsOf.add(schema, { text });
  return schema;
}

/** The words given to {@link inWords}, if any. */
export function explicitWords(schema: z.core.$ZodType): string | undefined {
  return wordsOf.get(schema as z.ZodType)?.text;
}

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;

/** Exactly the keys of `T`, each with a schema that takes what the interface says, no more and no less. */
type ShapeOf<T, S> = { [K in keyof T]-?: z.ZodType } & {
  [K in keyof S]: K extends keyof T
    ? Same<Exclude<z.input<S[K]>, undefined>, Exclude<T[K], undefined>> extends true
      ? S[K]
      : never
    : never;
};

/**
 * Make the strict schema of one group of options.
 *
 * `T` is the interface users see; the compiler refuses a schema that differs from it. The interface is written by hand
 * because TypeScript drops the comments of inferred types from declaration files, and those comments are the manual:
 * `scripts/generate-schema.ts` lifts them into schema.json and docs/config.md.
 *
 * @param name - Name of the interface.
 * @param id - Name of the definition in schema.json, where one interface has several schemas.
 */
export function group<T extends object>(name: string, id = name) {
  return <const S extends Record<string, z.ZodType>>(shape: S & ShapeOf<T, S>): z.ZodType<T, T> =>
    z.strictObject(shape).meta({ id, interfaceName: name }) as unknown as z.ZodType<T, T>;
}

/** A list. */
export function list<T>(item: z.ZodType<T, T>): z.ZodType<readonly T[], readonly T[]> {
  return z.array(item);
}
