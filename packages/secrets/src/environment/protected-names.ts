/**
 * Whether a variable decides which code programs load and run, or where they look for it. A secret of such a
 * name is a mistake, or an attack.
 */
export function isProtected(name: string): boolean {
  return names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}

/** Shells, loaders and runtimes. https://man7.org/linux/man-pages/man8/ld.so.8.html#ENVIRONMENT */
const names = new Set([
  ...['PATH', 'HOME', 'SHELL', 'USER', 'LOGNAME', 'PWD', 'OLDPWD', 'TMPDIR', 'TMP', 'TEMP'],
  ...['BASH_ENV', 'ENV', 'BASHOPTS', 'SHELLOPTS', 'IFS', 'CDPATH', 'GLOBIGNORE', 'FPATH'],
  ...['PS0', 'PS1', 'PS2', 'PS4', 'PROMPT_COMMAND', 'ZDOTDIR', 'TERMINFO', 'TERMCAP'],
  ...['EDITOR', 'VISUAL', 'PAGER', 'LESSOPEN', 'LESSCLOSE', 'BROWSER'],
  ...['GCONV_PATH', 'LOCPATH', 'NLSPATH', 'HOSTALIASES', 'GLIBC_TUNABLES', 'RESOLV_HOST_CONF'],
  ...['CLASSPATH', 'JAVA_TOOL_OPTIONS', '_JAVA_OPTIONS', 'JDK_JAVA_OPTIONS', 'GOFLAGS'],
  ...['NODE_OPTIONS', 'NODE_PATH', 'SSLKEYLOGFILE', 'OPENSSL_CONF', 'OPENSSL_MODULES'],
]);

const prefixes = [
  ...['LD_', 'DYLD_', 'MALLOC_', 'BASH_FUNC_'],
  ...['NODE_', 'npm_', 'NPM_CONFIG_', 'NX_', 'WITH_SECRETS_'],
  ...['PERL5', 'PERLLIB', 'PYTHON', 'RUBY', 'LUA_', 'PHP_INI', 'GIT_', 'XDG_'],
];
