import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { intervalOf } from '../../lib/watch/interval.ts'
import type { Job } from '../../lib/watch/job.ts'
import { launchAgent, launchdPlan } from '../../lib/watch/launch-agent.ts'
import { serviceText, systemdPlan, timerText } from '../../lib/watch/systemd-timer.ts'
import { temporaryFolder } from '../lab/temporary-folder.ts'

const hourly = intervalOf(60)
if (!hourly) throw new Error('an hour can be had')
const job: Job = {
  stack: 'z2',
  host: 'hinata-z2',
  interval: hourly,
  node: '/opt/bulma/node_modules/node/bin/node',
  project: '/opt/bulma',
  path: '/usr/local/bin:/usr/bin:/bin',
  log: '/home/me/.local/state/bulma-infra/z2.log',
}
const home = { home: '/home/me', uid: 501, configHome: '/home/me/.config', dataHome: '/home/me/.local/share' }

let folder: string
beforeEach(() => {
  folder = temporaryFolder('schedule')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A job whose paths hold all that a path may hold. */
function awkward(): Job {
  const project = join(folder, `it's "100%" $HOME \\n & <b>`)
  mkdirSync(join(project, 'scripts'), { recursive: true })
  writeFileSync(join(project, 'node'), '#!/bin/sh\n')
  chmodSync(join(project, 'node'), 0o755)
  return {
    ...job,
    project,
    node: join(project, 'node'),
    path: `${project}:/usr/bin`,
    log: join(project, 'log'),
  }
}

/** What the scheduler's own checker says of the files: nothing, when they are good. */
function checked(name: string, one: Job): string {
  const [program, args, files]: [string, string[], [string, string][]] =
    process.platform === 'darwin'
      ? ['plutil', ['-lint', '-s'], [['agent.plist', launchAgent(one)]]]
      : [
          'systemd-analyze',
          ['--user', 'verify'],
          [
            ['bulma-watch-z2.service', serviceText(one)],
            ['bulma-watch-z2.timer', timerText(one)],
          ],
        ]
  const at = join(folder, name)
  mkdirSync(at)
  for (const [file, text] of files) writeFileSync(join(at, file), text)
  const env = { ...process.env, XDG_RUNTIME_DIR: at }
  return execFileSync(program, [...args, ...files.map(([file]) => join(at, file))], {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

describe('the files of a schedule', () => {
  it('are good to the checker of this machine, plain and with awkward paths', () => {
    expect(checked('plain', { ...job, node: process.execPath })).toBe('')
    expect(checked('awkward', awkward())).toBe('')
  })

  it('for systemd: a service that looks once, and a timer that makes up for what was missed', () => {
    expect(serviceText(job)).toBe(`# made and taken away by npm run schedule
[Unit]
Description=Bulma: one look at hinata-z2, told when something has changed (stack z2)

[Service]
Type=oneshot
WorkingDirectory=/opt/bulma
Environment=PATH=/usr/local/bin:/usr/bin:/bin
ExecStart=/opt/bulma/node_modules/node/bin/node /opt/bulma/scripts/watch.ts --stack z2
# drift, a person who is needed and a host that is not there are findings, no failures of the look
SuccessExitStatus=2 3 4
TimeoutStartSec=180
# the connection of ssh outlives a look by a minute, and another command may be using it by then
KillMode=process
UMask=0077
Nice=10
`)
    expect(timerText(job)).toBe(`# made and taken away by npm run schedule
[Unit]
Description=Bulma: look every 60 minutes (stack z2)

[Timer]
OnCalendar=*:07
Persistent=true
AccuracySec=1min

[Install]
WantedBy=timers.target
`)
  })

  it('for systemd: a percent sign, a dollar and a quote of a path mean themselves', () => {
    const text = serviceText({ ...job, project: `/a b/100%/$x/"y"` })
    expect(text).toContain('\nWorkingDirectory=/a b/100%%/$x/"y"\n')
    expect(text).toContain(' "/a b/100%%/$$x/\\"y\\"/scripts/watch.ts" ')
    expect(serviceText({ ...job, node: "/it's/node" })).toContain('ExecStart=/usr/bin/env "/it\'s/node" ')
  })

  it('for launchd: an agent whose log is for its person alone', () => {
    expect(launchAgent(job)).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- every 60 minutes; made and taken away by npm run schedule -->
<plist version="1.0">
<dict>
	<key>Label</key>
	<string>bulma-infra.watch.z2</string>
	<key>ProgramArguments</key>
	<array>
		<string>/opt/bulma/node_modules/node/bin/node</string>
		<string>/opt/bulma/scripts/watch.ts</string>
		<string>--stack</string>
		<string>z2</string>
		<string>--log</string>
		<string>/home/me/.local/state/bulma-infra/z2.log</string>
	</array>
	<key>WorkingDirectory</key>
	<string>/opt/bulma</string>
	<key>EnvironmentVariables</key>
	<dict>
		<key>PATH</key>
		<string>/usr/local/bin:/usr/bin:/bin</string>
	</dict>
	<key>StartCalendarInterval</key>
	<array>
		<dict>
			<key>Minute</key>
			<integer>7</integer>
		</dict>
	</array>
	<key>RunAtLoad</key>
	<true/>
	<key>ProcessType</key>
	<string>Background</string>
	<key>LowPriorityIO</key>
	<true/>
	<key>Umask</key>
	<integer>63</integer>
	<key>StandardOutPath</key>
	<string>/home/me/.local/state/bulma-infra/z2.log</string>
	<key>StandardErrorPath</key>
	<string>/home/me/.local/state/bulma-infra/z2.log</string>
</dict>
</plist>
`)
    expect(launchAgent(awkward())).toMatch(/\$HOME \\n &amp; &lt;b&gt;<\/string>/)
  })

  it('hold no socket of an agent, no home and no secret: the session has them', () => {
    const all = [launchAgent(job), serviceText(job), timerText(job)].join()
    expect(all).not.toMatch(/SSH_AUTH_SOCK|HOME|http:\/\/(?!www\.apple\.com)/)
  })

  it('lie where the scheduler looks for them', () => {
    expect(launchdPlan(job, home).files.map(({ path }) => path)).toEqual([
      '/home/me/Library/LaunchAgents/bulma-infra.watch.z2.plist',
    ])
    expect(systemdPlan(job, home).files.map(({ path }) => path)).toEqual([
      '/home/me/.config/systemd/user/bulma-watch-z2.service',
      '/home/me/.config/systemd/user/bulma-watch-z2.timer',
    ])
  })
})
