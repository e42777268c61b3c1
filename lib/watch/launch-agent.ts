import { inCommand } from '../quote.ts'
import { calendarIntervals, everyInWords } from './interval.ts'
import { type Home, type Job, jobCommand, may, must, type Plan } from './job.ts'

// A launchd agent (launchd.plist(5)). It starts a missed look when the machine wakes, never a second one beside a first,
// and only while its person is logged in, which is when ssh's keys and the notification centre can be had.

type Value = string | number | boolean | Value[] | { [key: string]: Value }

/** The agent's name to launchd. */
const labelOf = ({ stack }: Job): string => `bulma-infra.watch.${stack}`

/** The property list of a job. */
export function launchAgent(job: Job): string {
  const agent: Value = {
    Label: labelOf(job),
    ProgramArguments: [...jobCommand(job), '--log', job.log],
    WorkingDirectory: job.project,
    EnvironmentVariables: { PATH: job.path },
    StartCalendarInterval: calendarIntervals(job.interval),
    // At login too, since launchd makes up for sleep, but not for a machine that was off.
    RunAtLoad: true,
    ProcessType: 'Background',
    LowPriorityIO: true,
    // 0077: what it writes is for its person alone.
    Umask: 0o77,
    StandardOutPath: job.log,
    StandardErrorPath: job.log,
  }
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<!-- ${everyInWords(job.interval)}; made and taken away by npm run schedule -->
<plist version="1.0">
${element(agent, '')}
</plist>
`
}

function element(value: Value, indent: string): string {
  const deeper = `${indent}\t`
  if (typeof value === 'boolean') return `${indent}<${value}/>`
  if (typeof value === 'number') return `${indent}<integer>${value}</integer>`
  if (typeof value === 'string') return `${indent}<string>${escaped(value)}</string>`
  if (Array.isArray(value))
    return [`${indent}<array>`, ...value.map((one) => element(one, deeper)), `${indent}</array>`].join('\n')
  const entries = Object.entries(value).flatMap(([key, one]) => [
    `${deeper}<key>${escaped(key)}</key>`,
    element(one, deeper),
  ])
  return [`${indent}<dict>`, ...entries, `${indent}</dict>`].join('\n')
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** How an agent is installed, run and taken away (launchctl(1)). */
export function launchdPlan(job: Job, { home, uid }: Home): Plan {
  const folder = `${home}/Library/LaunchAgents`
  const path = `${folder}/${labelOf(job)}.plist`
  const domain = `gui/${uid}`
  const target = `${domain}/${labelOf(job)}`
  return {
    files: [{ path, text: launchAgent(job) }],
    check: ['plutil', '-lint', '-s'],
    probe: ['launchctl', 'print', domain],
    start: [
      may('launchctl', 'bootout', target),
      must('launchctl', 'enable', target),
      // launchd is not done yet when bootout returns, and says EIO until it is.
      { ...must('launchctl', 'bootstrap', domain, path), tries: 10 },
    ],
    stop: [may('launchctl', 'bootout', target)],
    forget: [],
    isLive: ['launchctl', 'print', target],
    runNow: ['launchctl', 'kickstart', target],
    traces: [job.log, `${job.log}.1`],
    says: `cat ${inCommand(job.log)}`,
    folders: [folder],
  }
}
