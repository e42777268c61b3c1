/** What `npm run schedule -- --help` prints. */
export const scheduleHelp = `npm run schedule -- install | remove | show [--every MINUTES] [--dry-run]
                          [--stack NAME]

Has this machine look by itself, as npm run doctor does, and tell when something
has changed: a launchd agent on macOS, a timer of your own systemd on Linux. It
never talks to a bank, repairs nothing and needs no root.

  install          writes the files, has them checked, starts them and looks
                   once; again: replaces what has changed, and nothing else
  remove           ends it and removes its files; the history stays
  show             what is installed, when it looks next, what it saw last

  --every MINUTES  between two looks; divides an hour or a day
                   (default bulma:watch.everyMinutes, 60)
  --dry-run        prints the files and commands, and does nothing
  --stack NAME     which stack: Pulumi.NAME.yaml (default z2)
  --help           this text

when it looks
  By the clock. What was missed in sleep is made up for once, on waking. Two
  looks never overlap. One that fails is told after bulma:watch.failures in a
  row (3), since a network that is not there is no outage.

when it tells
  Once when something has changed, in one message that names the cause. Each day
  at bulma:watch.remindAt (09:00) while you are needed. Once when all is as
  wanted again. Not while somebody logs in.

how it tells (bulma:watch.notify in Pulumi.NAME.yaml; all that are set)
  desktop          the notification centre, notify-send (default true)
  ntfy             https://ntfy.sh/<topic>, or a file that holds that address
  webhook          gets a JSON document by POST; an address, or such a file
  command          a program; reads BULMA_TITLE, BULMA_TEXT, BULMA_NEXT,
                   BULMA_KIND, BULMA_BANK, BULMA_STACK, BULMA_HOST and
                   BULMA_URGENT from its environment
  Topics and webhooks are as good as passwords: keep them in a file, mode 0600.

what ssh needs where nobody types a passphrase
  It runs in your session, with your HOME, the PATH of this terminal and the
  session's own SSH_AUTH_SOCK, and never asks. So ssh must get at its key alone:
  macOS  "UseKeychain yes" and "AddKeysToAgent yes" in ~/.ssh/config, and
         ssh-add --apple-use-keychain once; or an IdentityAgent
  Linux  an agent of the session (systemctl --user enable --now ssh-agent), an
         IdentityAgent, or a key of its own without a passphrase. To look while
         you are not logged in: loginctl enable-linger
  install says at once whether it works.

exit codes
   0  done, or shown
   1  failed; show: not installed
   2  show: not as install would write it now, or not running
   3  installed, and its first look saw nothing
  64  wrong usage or configuration`
