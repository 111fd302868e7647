/** Carries the token of the launch. `Authorization` and cookies belong to the caller and the application. */
export const tokenHeader = 'x-electron-pyinstaller-token';
