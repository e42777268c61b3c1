import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Project, recordedProject } from '../e2e/project.ts'

// What people do to a real machine with their own hands, without asking a lab for a fault: it is seen, as the kind that it is,
// and `up` repairs it or says what a person must do.

let project: Project

beforeAll(async () => {
  project = await recordedProject()
})
afterAll(() => project.end())

const data = '/mnt/data/hinata/data/bulma'
const token = `${data}/tokens_monzo.json`
const inside = (command: string): string => `pct exec 109 -- sh -c '${command}'`
const edited = '/etc/systemd/system/bulma-poll-monzo.timer.d'
const morning = 'hinata-poll-truelayer-morning'
const timer = '[Timer]\\nOnCalendar=daily\\n[Install]\\nWantedBy=timers.target\\n'

const ways: [what: string, kind: string, done: string, undone: string][] = [
  [
    'systemctl edit of a timer',
    'timer',
    inside(
      `mkdir ${edited}; printf "[Timer]\\nOnCalendar=\\nOnCalendar=daily\\n" >${edited}/override.conf; systemctl daemon-reload`,
    ),
    inside(`rm -r ${edited}; systemctl daemon-reload`),
  ],
  [
    'the service of a poll masked',
    'timer',
    inside(
      'cd /etc/systemd/system; cp bulma-poll-monzo.service /root; ln -sf /dev/null bulma-poll-monzo.service; systemctl daemon-reload',
    ),
    inside('mv /root/bulma-poll-monzo.service /etc/systemd/system; systemctl daemon-reload'),
  ],
  [
    'an ACL against the container on a token file',
    'token-file',
    `setfacl -m u:100000:--- ${token}`,
    `setfacl -b ${token}`,
  ],
  [
    'an ACL against the container on the folder',
    'data-folder',
    `setfacl -m u:100000:--- ${data}`,
    `setfacl -b ${data}`,
  ],
  [
    'the disk mounted read-only',
    'data-folder',
    'mount -o remount,ro /mnt/data',
    'mount -o remount,rw /mnt/data',
  ],
  [
    'the bind mount read-only in the container',
    'data-folder',
    inside('mount -o remount,bind,ro /root/data/bulma'),
    inside('mount -o remount,bind,rw /root/data/bulma'),
  ],
  [
    'the disk full',
    'data-folder',
    'fallocate -l $(df --output=avail -B1 /mnt/data | tail -n 1) /mnt/data/big',
    'rm /mnt/data/big',
  ],
  [
    'a folder of the host mounted inside the bind mount',
    'bind-mount',
    `mkdir /srv/other ${data}/other; /usr/lib/bulma-lab/bind $(lxc-info -n 109 -pH) /srv/other /root/data/bulma/other`,
    `${inside('umount /root/data/bulma/other')}; rmdir ${data}/other /srv/other`,
  ],
  ['a second name of a token file', 'token-file', `ln ${token} /mnt/data/second`, 'rm /mnt/data/second'],
  [
    'a pipe in the place of a token file',
    'token-file',
    `mv ${token} /root/t; mkfifo ${token}`,
    `mv -f /root/t ${token}`,
  ],
  [
    'a link in the place of a log',
    'last-poll',
    `cd ${data}; mv poll-monzo.log /root; ln -s /root/poll-monzo.log .`,
    `mv -f /root/poll-monzo.log ${data}`,
  ],
  ['a file mounted over a token file', 'bind-mount', `mount --bind /etc/fstab ${token}`, `umount ${token}`],
  [
    'the folder replaced by a copy while the container runs',
    'bind-mount',
    `mv ${data} ${data}.old; cp -a ${data}.old ${data}`,
    `rm -r ${data}; mv ${data}.old ${data}`,
  ],
  [
    'a legacy timer from systemctl link',
    'legacy-unit',
    `mkdir /opt/units; printf '${timer}' >/opt/units/${morning}.timer; systemctl link /opt/units/${morning}.timer`,
    `systemctl disable ${morning}.timer; rm -r /opt/units; systemctl daemon-reload`,
  ],
  [
    'a legacy timer from systemd-run',
    'legacy-unit',
    `systemd-run --unit=${morning} --on-calendar=daily true`,
    `systemctl stop ${morning}.timer; systemctl daemon-reload`,
  ],
  [
    'a legacy timer in /usr/local',
    'legacy-unit',
    `mkdir -p /usr/local/lib/systemd/system; printf '${timer}' >/usr/local/lib/systemd/system/${morning}.timer`,
    'rm -r /usr/local/lib/systemd; systemctl daemon-reload',
  ],
  [
    'a legacy name as the alias of another timer',
    'legacy-unit',
    `printf '${timer}Alias=${morning}.timer\\n' >/etc/systemd/system/other.timer; systemctl enable other.timer`,
    'systemctl disable other.timer; rm /etc/systemd/system/other.timer; systemctl daemon-reload',
  ],
]

type Finding = Awaited<ReturnType<Project['drift']>>['json']['findings'][number]
const drifted = async (): Promise<Finding[]> =>
  (await project.drift()).json.findings.filter(({ state }) => state !== 'holds')
const off = async (): Promise<string[]> => [...new Set((await drifted()).map(({ kind }) => kind))]

describe.each(ways)('%s', (_, kind, done, undone) => {
  it('is seen, and repaired or left to a person with what to do', async () => {
    // a lock is no fault of a container that runs; while one is planted, no poll falls into the middle of this
    await project.lab('break', 'container-locked')
    try {
      await project.ssh(done)
      expect(await off()).toContain(kind)
      const { code, out } = await project.up()
      const left = await drifted()
      if (left.length === 0) expect(code, out).toBe(0)
      for (const { id, kind, state, cause, next } of left) {
        if (cause !== null) continue
        // what is left is a person's, who is told so by the look, by the repair that could not bring it about, or by `up`,
        // which does nothing where it could not look
        const told = `${kind.replace('-', ' ')} .*: still not as documented: .+`
        if (state === 'differs') expect([id, out]).toEqual([id, expect.stringMatching(told)])
        else if (state === 'unknown')
          expect([id, out]).toEqual([id, expect.stringMatching(/could not look at/)])
        else expect([id, next]).toEqual([id, expect.stringMatching(/\S/)])
      }
    } finally {
      await project.ssh(undone)
    }
    expect(await off()).toEqual([])
    await project.lab('mend')
  })
})

describe.each([
  ['the container frozen', 'lxc-freeze -n 109', 'lxc-unfreeze -n 109'],
  [
    'its systemd stopped by a signal',
    'kill -STOP $(lxc-info -n 109 -pH)',
    'kill -CONT $(lxc-info -n 109 -pH)',
  ],
])('%s', (_, done, undone) => {
  it('is could not look, never all is well', async () => {
    await project.ssh(done)
    const { code, json } = await project.drift()
    expect([code, json.findings.find(({ kind }) => kind === 'container')?.state]).toEqual([3, 'unknown'])
    await project.ssh(undone)
    expect(await off()).toEqual([])
  })
})
