/** Names of the presets: the keys of `presets` in the configuration, in the order of the documentation. */
export const presetNames = [
  'fastapi',
  'flask',
  'django',
  'sqlalchemy',
  'alembic',
  'jinja2',
  'pydantic',
  'numpy',
  'scikit-learn',
  'pillow',
  'tiktoken',
  'certifi',
  'streamlit',
  'plugins',
  'packages',
] as const;

/** One of {@link presetNames}. */
export type PresetName = (typeof presetNames)[number];
