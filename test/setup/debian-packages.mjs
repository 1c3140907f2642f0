/** The programs that the lab and the demo call, by the Debian package that brings them, and what each is for. */
export const DEBIAN_PACKAGES = [
  { name: 'iproute2', commands: ['ip', 'tc'], why: 'makes links, addresses and routes, and shapes their rate' },
  { name: 'nftables', commands: ['nft'], why: 'drops and rejects packets on purpose' },
  { name: 'util-linux', commands: ['unshare', 'nsenter', 'setpriv'], why: 'makes namespaces and enters them' },
  { name: 'mount', commands: ['mount'], why: "shows each namespace its own /sys, in place of the machine's" },
  { name: 'faketime', commands: ['faketime'], why: 'sets the wall clock of a program forward and back' },
  { name: 'openssh-server', commands: ['sshd', 'ssh-keygen'], why: 'is what files are transferred to over SFTP' },
  { name: 'redis-server', commands: ['redis-server'], why: 'is one of the databases of the examples' },
  { name: 'postgresql', commands: ['pg_ctlcluster'], why: 'is one of the databases of the examples' },
  { name: 'nats-server', commands: ['nats-server'], why: 'is the broker of the examples' },
  { name: 'prometheus', commands: ['prometheus', 'promtool'], why: 'scrapes the metrics and checks the alert rules' },
];
