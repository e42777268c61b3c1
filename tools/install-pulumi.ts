// Pulumi's own installer, run as a process of its own so that it can be ended: node install-pulumi.ts VERSION FOLDER
import { PulumiCommand } from '@pulumi/pulumi/automation/cmd.js'
import semver from 'semver'

const [version = '', root = ''] = process.argv.slice(2)
try {
  await PulumiCommand.install({ version: new semver.SemVer(version), root })
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}
