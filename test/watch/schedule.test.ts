import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { untimed } from '../clock-time.ts'
import { Desk, listing } from './fake-scheduler.ts'

// `npm run schedule` as a whole, with the scheduler's programs played: what is asked of them, and what is left on the disk.

let desk: Desk
afterEach(() => desk.end())

const history = '.local/state/bulma-infra/z2.jsonl'
const kept = [
  '.local',
  '.local/state',
  '.local/state/bulma-infra',
  '.local/state/bulma-infra/.z2.lock',
  '.local/state/bulma-infra/z2.jsonl',
]
const unit = '.config/systemd/user/bulma-watch-z2'
const agent = 'Library/LaunchAgents/bulma-infra.watch.z2.plist'
const blind = `its first look saw nothing: ssh: connect to host 192.0.2.7 port 22: Connection refused
what ssh needs without a terminal: npm run schedule -- --help
`
const silent = 'nobody would be told: there is no notify-send here. set bulma:watch.notify, see --help\n'

describe('on Linux', () => {
  it('shows what it would do, and does none of it', async () => {
    desk = new Desk('linux')
    const { code, out } = await desk.schedule('install', '--dry-run', '--every', '30')
    expect([code, desk.asked(), listing(desk.home)]).toEqual([0, [], []])
    expect(out).toContain(`# would be written to ${desk.home}/${unit}.timer\n`)
    expect(out).toContain('\nOnCalendar=*:07,37\n')
    expect(out).toContain('\nsystemctl --user enable bulma-watch-z2.timer\n')
    const removal = await desk.schedule('remove', '--dry-run')
    expect([removal.code, desk.asked(), listing(desk.home)]).toEqual([0, [], []])
    expect(removal.out).toContain('\nsystemctl --user disable --now bulma-watch-z2.timer\n')
    expect(removal.out).toContain(`\nrm -f ${desk.home}/${unit}.service\n`)
  })

  it('installs, looks once and says what that saw; a second time finds nothing to do', async () => {
    desk = new Desk('linux')
    const first = await desk.schedule('install')
    expect([first.code, first.err]).toEqual([3, blind])
    expect(desk.plain(first.out)).toBe(
      `installed, every 60 minutes\n  ~/${unit}.service\n  ~/${unit}.timer\n${silent}`,
    )
    expect(desk.asked().map((line) => line.replace(/ \S*\/bulma-schedule-\w+\//g, ' '))).toEqual([
      'systemctl --user show-environment',
      'systemd-analyze --user verify bulma-watch-z2.service bulma-watch-z2.timer',
      'systemctl --user daemon-reload',
      'systemctl --user enable bulma-watch-z2.timer',
      'systemctl --user restart bulma-watch-z2.timer',
      'systemctl --user start --no-block bulma-watch-z2.service',
    ])
    expect(readFileSync(join(desk.home, history), 'utf8')).toMatch(/"kind":"unseen","by":"schedule"/)
    const again = await desk.schedule('install')
    expect([again.code, again.out]).toEqual([0, 'is installed already, every 60 minutes: nothing to do\n'])
    expect(desk.asked()).toEqual([
      'systemctl --user show-environment',
      'systemctl --user is-active --quiet bulma-watch-z2.timer',
    ])
  })

  it('replaces one that has changed, and starts one that has been stopped', async () => {
    desk = new Desk('linux')
    await desk.schedule('install')
    const other = await desk.schedule('install', '--every', '15')
    expect(other.out).toMatch(/^replaced, every 15 minutes\n/)
    expect(readFileSync(join(desk.home, `${unit}.timer`), 'utf8')).toContain('OnCalendar=*:07,22,37,52')
    const shown = await desk.schedule('show')
    expect([shown.code, shown.out.split('\n')[0]]).toEqual([0, 'installed   every 15 minutes'])
    desk.asked()
    desk.sleep()
    expect((await desk.schedule('show')).code).toBe(2)
    await desk.schedule('install', '--every', '15')
    expect(desk.asked()).toContain('systemctl --user restart bulma-watch-z2.timer')
  })

  it('shows what is installed, when it looks next and what it saw last', async () => {
    desk = new Desk('linux')
    expect(await desk.schedule('show')).toMatchObject({
      code: 1,
      out: 'not installed: npm run schedule -- install\n',
    })
    await desk.schedule('install')
    appendFileSync(join(desk.home, `${unit}.timer`), '# by hand\n')
    const { code, out } = await desk.schedule('show')
    expect(code).toBe(2)
    expect(untimed(desk.plain(out))).toBe(`installed   every 60 minutes
            ~/${unit}.service
            ~/${unit}.timer
            not as it would be written now: npm run schedule -- install
next look   HH:MM
last look   HH:MM, saw nothing: ssh: connect to host 192.0.2.7 port 22: Connection refused
telling     ${silent.trimEnd()}
output      journalctl --user -u bulma-watch-z2.service
            looks only while you are logged in, until loginctl enable-linger
`)
  })

  it('removes it without a trace but the history, and a second time finds nothing', async () => {
    desk = new Desk('linux')
    await desk.schedule('install')
    desk.asked()
    const { code, out } = await desk.schedule('remove')
    expect([code, desk.plain(out)]).toEqual([0, `removed\nthe history stays: ~/${history}\n`])
    expect(listing(desk.home)).toEqual(kept)
    expect(desk.asked()).toEqual([
      'systemctl --user disable --now bulma-watch-z2.timer',
      'systemctl --user stop bulma-watch-z2.service',
      'systemctl --user clean --what=state bulma-watch-z2.timer',
      'systemctl --user daemon-reload',
      'systemctl --user reset-failed bulma-watch-z2.timer bulma-watch-z2.service',
    ])
    expect((await desk.schedule('remove')).out).toMatch(/^there was no schedule to remove\n/)
  })

  it('leaves the folders of other units alone', async () => {
    desk = new Desk('linux')
    mkdirSync(join(desk.home, '.config/systemd/user'), { recursive: true })
    writeFileSync(join(desk.home, '.config/systemd/user/mine.service'), '')
    await desk.schedule('install')
    await desk.schedule('remove')
    expect(listing(join(desk.home, '.config/systemd'))).toEqual(['user', 'user/mine.service'])
  })

  it.each([
    [
      'there is no systemd for this person',
      'systemctl',
      'echo "Failed to connect to bus: No medium found" >&2; exit 1',
      `error: systemd does not run anything for you here
why:   systemctl --user show-environment: it ended with 1: Failed to connect to bus: No medium found
next:  loginctl enable-linger
left:  nothing was installed
`,
    ],
    [
      'the checker finds fault with the files',
      'systemd-analyze',
      'echo "bulma-watch-z2.timer:7: Timer is refused" >&2; exit 1',
      `error: the files of the schedule are not good
why:   systemd-analyze --user verify: it ended with 1: bulma-watch-z2.timer:7: Timer is refused
next:  npm run schedule -- install --dry-run
left:  nothing was installed
`,
    ],
    [
      'the timer cannot be enabled',
      'systemctl',
      'case "$2" in enable) echo "Read-only file system" >&2; exit 1 ;; esac',
      `error: the schedule could not be started
why:   systemctl --user enable bulma-watch-z2.timer: it ended with 1: Read-only file system
next:  npm run schedule -- install --dry-run
left:  nothing is installed; its files were taken away again
`,
    ],
  ])('leaves nothing behind where %s', async (_, name, text, says) => {
    desk = new Desk('linux')
    desk.program(name, text)
    const { code, err } = await desk.schedule('install')
    expect([code, err]).toEqual([1, says])
    expect(listing(desk.home).filter((path) => !path.startsWith('.local'))).toEqual([])
  })
})

describe('on macOS', () => {
  it('installs an agent, as often as launchd needs to be asked, and looks once', async () => {
    desk = new Desk('darwin')
    const { code, out, err } = await desk.schedule('install')
    expect([code, err]).toEqual([3, blind])
    expect(desk.plain(out)).toBe(
      `installed, every 60 minutes\n  ~/${agent}\nnobody would be told: there is no osascript here. set bulma:watch.notify, see --help\n`,
    )
    expect(desk.asked().map((line) => desk.plain(line).replace(/ \S*\/bulma-schedule-\w+\//, ' '))).toEqual([
      'launchctl print gui/501',
      'plutil -lint -s bulma-infra.watch.z2.plist',
      'launchctl bootout gui/501/bulma-infra.watch.z2',
      'launchctl enable gui/501/bulma-infra.watch.z2',
      `launchctl bootstrap gui/501 ~/${agent}`,
      `launchctl bootstrap gui/501 ~/${agent}`,
      'launchctl kickstart gui/501/bulma-infra.watch.z2',
    ])
    const log = readFileSync(join(desk.home, '.local/state/bulma-infra/z2.log'), 'utf8')
    expect(log).toMatch(/^\w{3} \d\d \d\d:\d\d hinata-z2 · ssh: connect to host/)
    expect((await desk.schedule('install')).out).toMatch(/nothing to do/)
    expect((await desk.schedule('show')).code).toBe(0)
  })

  it('removes it without a trace but the history', async () => {
    desk = new Desk('darwin')
    await desk.schedule('install')
    const { code } = await desk.schedule('remove')
    expect([code, listing(desk.home)]).toEqual([0, ['Library', ...kept].sort()])
  })

  it('says where to install it, when nobody is logged in at the screen', async () => {
    desk = new Desk('darwin')
    desk.program('launchctl', 'echo "Could not find domain for" >&2; exit 112')
    const { code, err } = await desk.schedule('install')
    expect([code, desk.plain(err)]).toEqual([
      1,
      `error: launchd does not run anything for you here
why:   launchctl print gui/501: it ended with 112: Could not find domain for
next:  log in at the screen of this Mac, and try it there
left:  nothing was installed
`,
    ])
  })
})

describe('npm run schedule', () => {
  it.each([
    [[], 'it takes one word: install, remove or show'],
    [['start'], 'it takes one word: install, remove or show'],
    [['show', 'all'], 'it takes one word: install, remove or show'],
    [['install', '--every', 'often'], '--every must be a whole number from 1 to 1440'],
    [
      ['install', '--every', '50'],
      '50 minutes divide neither an hour nor a day; 30 and 60 are the nearest that do',
    ],
    [['install', '--nope'], "Unknown option '--nope'"],
  ])('refuses %j with 64', async (args, why) => {
    desk = new Desk('linux')
    const { code, out, err } = await desk.schedule(...args)
    expect([code, out]).toEqual([64, ''])
    expect(err).toContain(`why:   ${why}`)
    expect(desk.asked()).toEqual([])
  })

  it('says in its help what ssh needs where nobody types a passphrase', async () => {
    desk = new Desk('linux')
    const { code, out } = await desk.schedule('--help')
    expect(code).toBe(0)
    for (const word of ['SSH_AUTH_SOCK', 'UseKeychain', 'IdentityAgent', 'enable-linger'])
      expect(out).toContain(word)
    expect(out.split('\n').filter((line) => line.length > 80)).toEqual([])
  })
})
