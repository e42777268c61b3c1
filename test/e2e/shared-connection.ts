import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

const ways = ['ControlMaster=yes', 'ConnectTimeout=5', 'ServerAliveInterval=1', 'ServerAliveCountMax=3']
const asOptions = (words: string[]): string[] => words.flatMap((one) => ['-o', one])

/**
 * What a test file itself asks of its lab's Z2 goes over one connection, where there can be one: a handshake costs more than
 * most questions. The programs under test have their own.
 */
export class SharedConnection {
  private readonly dir: string
  private master: { child: ChildProcess; isUp: Promise<void> } | null = null

  /** `dir` is the checkout, with the lab's ssh_config. */
  constructor(dir: string) {
    this.dir = dir
  }

  private get socket(): string {
    return join(this.dir, '.test-ssh')
  }

  /** The arguments of ssh for a command on Z2; without a connection to share, ssh makes one of its own. */
  async arguments(command: string): Promise<string[]> {
    if (this.master === null || hasEnded(this.master.child)) this.master = this.connect()
    await this.master.isUp
    return ['-F', '.lab/ssh_config', '-o', `ControlPath=${this.socket}`, 'hinata-z2', command]
  }

  private connect(): { child: ChildProcess; isUp: Promise<void> } {
    rmSync(this.socket, { force: true })
    const options = asOptions([`ControlPath=${this.socket}`, ...ways])
    const child = spawn('ssh', ['-F', '.lab/ssh_config', ...options, '-N', 'hinata-z2'], {
      cwd: this.dir,
      stdio: 'ignore',
    })
    const isUp = async (): Promise<void> => {
      while (!hasEnded(child) && !existsSync(this.socket)) await wait(10)
    }
    return { child, isUp: isUp() }
  }

  end(): void {
    this.master?.child.kill()
  }
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => (exitCode ?? signalCode) !== null
