/** What is read of YAML, as a module of its own: a bundled command line that loads the package itself later gets it without its names. */
export { parse, parseDocument } from 'yaml';
