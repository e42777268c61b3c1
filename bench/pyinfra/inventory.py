# The host as ssh_config has it; pyinfra reads that file itself, through paramiko.
import os

hosts = [("hinata-z2", {"ssh_config_file": os.environ["SSH_CONFIG"], "ssh_strict_host_key_checking": "yes"})]
