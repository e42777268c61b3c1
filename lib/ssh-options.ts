import type { Config } from './config.ts'

/**
 * The options of every ssh that is started here, looks and repairs alike, so that they share one connection.
 * ServerAlive: a frozen host is noticed after 9 s. A socket path of our own: a master that somebody else opened
 * without ServerAlive would hold our pipes for ever. Compression halves a look, so that on a long line it fits into what TCP
 * sends before it first waits. `~` and `%C` are expanded by ssh, so no path of a machine is kept.
 */
const options = {
  BatchMode: 'yes',
  ConnectTimeout: '5',
  ServerAliveInterval: '3',
  ServerAliveCountMax: '3',
  ControlMaster: 'auto',
  ControlPersist: '60',
  ControlPath: '~/.ssh/bulma-%C',
  ForwardAgent: 'no',
  ForwardX11: 'no',
  ClearAllForwardings: 'yes',
  PermitLocalCommand: 'no',
  RequestTTY: 'no',
  Compression: 'yes',
}

/** The arguments of ssh up to and with the host: what is to run there follows as one more argument. */
export const sshArguments = ({ sshConfig, host }: Config): string[] => [
  ...(sshConfig === undefined ? [] : ['-F', sshConfig]),
  ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
  '--',
  host,
]
