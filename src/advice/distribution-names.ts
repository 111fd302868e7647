/** Modules whose distribution has another name, where both are well known. Everything else is called like its package. */
const distributionNames: Readonly<Record<string, string>> = {
  attr: 'attrs',
  bs4: 'beautifulsoup4',
  cairo: 'pycairo',
  cpuinfo: 'py-cpuinfo',
  Crypto: 'pycryptodome',
  Cryptodome: 'pycryptodomex',
  cv2: 'opencv-python',
  dateutil: 'python-dateutil',
  deprecate: 'pyDeprecate',
  docx: 'python-docx',
  distutils: 'setuptools',
  dotenv: 'python-dotenv',
  engineio: 'python-engineio',
  fitz: 'PyMuPDF',
  flask_cors: 'Flask-Cors',
  flask_socketio: 'Flask-SocketIO',
  flask_sqlalchemy: 'Flask-SQLAlchemy',
  gi: 'PyGObject',
  git: 'GitPython',
  github: 'PyGithub',
  google: 'protobuf',
  grpc: 'grpcio',
  igraph: 'python-igraph',
  jose: 'python-jose',
  jwt: 'PyJWT',
  ldap: 'python-ldap',
  magic: 'python-magic',
  llama_cpp: 'llama-cpp-python',
  mpl_toolkits: 'matplotlib',
  multipart: 'python-multipart',
  MySQLdb: 'mysqlclient',
  nacl: 'PyNaCl',
  OpenGL: 'PyOpenGL',
  OpenSSL: 'pyOpenSSL',
  osgeo: 'GDAL',
  PIL: 'pillow',
  pkg_resources: 'setuptools',
  pptx: 'python-pptx',
  psycopg2: 'psycopg2-binary',
  pythoncom: 'pywin32',
  pywintypes: 'pywin32',
  rest_framework: 'djangorestframework',
  serial: 'pyserial',
  sentence_transformers: 'sentence-transformers',
  skimage: 'scikit-image',
  sklearn: 'scikit-learn',
  slugify: 'python-slugify',
  socketio: 'python-socketio',
  telegram: 'python-telegram-bot',
  usb: 'pyusb',
  websocket: 'websocket-client',
  win32api: 'pywin32',
  win32com: 'pywin32',
  win32con: 'pywin32',
  win32gui: 'pywin32',
  wx: 'wxPython',
  xdg: 'pyxdg',
  yaml: 'PyYAML',
  zmq: 'pyzmq',
};

/** The distribution a module is from, where it is well known under another name than the module's; null: not one of those. */
export function knownDistributionOf(module: string): string | null {
  const top = topOf(module);
  return Object.hasOwn(distributionNames, top) ? (distributionNames[top] ?? null) : null;
}

/** What has to be installed for a module, as a phrase for advice. */
export function packageOf(module: string): string {
  const top = topOf(module);
  const known = knownDistributionOf(module);
  return known === null
    ? `the package ${top} (or the one it is from)`
    : `the package ${known}, which ${top} is from,`;
}

function topOf(module: string): string {
  return module.split('.')[0] ?? module;
}
