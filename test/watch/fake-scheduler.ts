import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectDir } from '../../lib/io/project.ts'
import { temporaryFolder } from '../lab/temporary-folder.ts'

export type Ended = { code: number | null; out: string; err: string }

/** What stands in for the scheduler's programs: it notes what it is asked, and starts what it is told to. */
const programs: Record<'linux' | 'darwin', Record<string, string>> = {
  linux: {
    systemctl: `
case "$2 $3" in
  "restart "*) touch "$DESK/live" ;;
  "disable "*) rm -f "$DESK/live" ;;
  "is-active "*) test -e "$DESK/live"; exit ;;
  "start --no-block")
    unit=$HOME/.config/systemd/user/$4
    cd "$(sed -n 's/^WorkingDirectory=//p' "$unit")" || exit 1
    $(sed -n 's/^ExecStart=//p' "$unit") > "$DESK/look.out" 2>&1 < /dev/null & ;;
esac`,
    'systemd-analyze': 'true',
  },
  darwin: {
    launchctl: `
plist=$HOME/Library/LaunchAgents/bulma-infra.watch.z2.plist
case "$1" in
  bootstrap) test -e "$DESK/tried" || { touch "$DESK/tried"; echo "Bootstrap failed: 5: Input/output error" >&2; exit 5; }
    touch "$DESK/live" ;;
  bootout) test -e "$DESK/live" || exit 3; rm -f "$DESK/live" ;;
  print) case "$2" in */bulma*) test -e "$DESK/live"; exit ;; esac ;;
  kickstart)
    log=$(sed -n '/StandardOutPath/{n;s/.*<string>\\(.*\\)<.*/\\1/p;}' "$plist")
    set -- $(sed -n '/ProgramArguments/,/<\\/array>/s/.*<string>\\(.*\\)<.*/\\1/p' "$plist")
    "$@" >> "$log" 2>&1 < /dev/null & ;;
esac`,
    plutil: 'true',
  },
}

/** Everything that is in a folder, by path. */
export function listing(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
}

/** A person's home with a scheduler that only notes what it is asked, and an ssh that reaches nobody. */
export class Desk {
  readonly folder = temporaryFolder('desk')
  readonly home = join(this.folder, 'home')
  readonly #bin = join(this.folder, 'bin')

  constructor(platform: 'linux' | 'darwin') {
    mkdirSync(this.home)
    mkdirSync(this.#bin)
    for (const [name, text] of Object.entries(programs[platform])) this.program(name, text)
    this.program('ssh', 'echo "ssh: connect to host 192.0.2.7 port 22: Connection refused" >&2; exit 255')
    writeFileSync(
      join(this.folder, 'platform.mjs'),
      `Object.defineProperty(process, 'platform', { value: '${platform}' })\n`,
    )
  }

  /** A program that notes its words and then does this. */
  program(name: string, text: string): void {
    const path = join(this.#bin, name)
    writeFileSync(path, `#!/bin/sh\necho "${name} $*" >> "$DESK/asked"\n${text}\n`)
    chmodSync(path, 0o755)
  }

  /** Somebody has stopped the schedule by hand. */
  sleep(): void {
    rmSync(join(this.folder, 'live'))
  }

  /** What the scheduler has been asked since the last time. */
  asked(): string[] {
    const path = join(this.folder, 'asked')
    if (!existsSync(path)) return []
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    rmSync(path)
    return lines.filter((line) => !line.startsWith('ssh '))
  }

  /** `npm run schedule -- …`, with this home and these programs alone. */
  schedule(...args: string[]): Promise<Ended> {
    const script = join(projectDir, 'scripts/schedule.ts')
    const env = {
      HOME: this.home,
      DESK: this.folder,
      PATH: `${this.#bin}:/usr/bin:/bin`,
      NODE_OPTIONS: `--import=${join(this.folder, 'platform.mjs')}`,
      TZ: 'UTC',
    }
    return new Promise((resolve, reject) => {
      const child = spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
      const ended: Ended = { code: null, out: '', err: '' }
      child.stdout.on('data', (chunk: Buffer) => {
        ended.out += chunk.toString('utf8')
      })
      child.stderr.on('data', (chunk: Buffer) => {
        ended.err += chunk.toString('utf8')
      })
      child.once('error', reject)
      child.once('close', (code) => resolve({ ...ended, code }))
    })
  }

  /** Text with what differs from one desk to the next taken out. */
  plain(text: string): string {
    return text
      .replaceAll(this.home, '~')
      .replaceAll(process.execPath, 'NODE')
      .replaceAll(projectDir, 'PROJECT')
      .replaceAll(this.#bin, 'BIN')
      .replace(/gui\/\d+/g, 'gui/501')
  }

  end(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}
