/** The programs that the lab calls, and the demo with it, by the Debian package that brings them, and what each is for. */
export const LAB_PACKAGES = [
  { name: 'iproute2', commands: ['ip', 'tc'], why: 'makes links, addresses and routes, and shapes their rate' },
  { name: 'nftables', commands: ['nft'], why: 'drops and rejects packets on purpose' },
  { name: 'util-linux', commands: ['unshare', 'nsenter', 'setpriv'], why: 'makes namespaces and enters them' },
  { name: 'mount', commands: ['mount'], why: "shows each namespace its own /sys, in place of the machine's" },
];

/** Those that all tests together need. */
export const DEBIAN_PACKAGES = [
  ...LAB_PACKAGES,
  { name: 'faketime', commands: ['faketime'], why: 'sets the wall clock of a program forward and back' },
  { name: 'openssh-server', commands: ['sshd', 'ssh-keygen'], why: 'is what files are transferred to over SFTP' },
  { name: 'curl', commands: ['curl'], why: 'asks the registry as its users do' },
  { name: 'redis-server', commands: ['redis-server'], why: 'is one of the databases of the examples' },
  { name: 'postgresql', commands: ['pg_ctlcluster'], why: 'is one of the databases of the examples' },
  { name: 'nats-server', commands: ['nats-server'], why: 'is the broker of the examples' },
  { name: 'fping', commands: ['fping'], why: 'measures the round-trip times that those of pings are held against' },
  { name: 'iputils-ping', commands: ['ping'], why: 'does the same' },
  { name: 'bind9', commands: ['named'], why: 'is a DNS server by UDP, TCP and TLS' },
  { name: 'dnsmasq-base', commands: ['dnsmasq'], why: "is another one, and the lab's resolver" },
  { name: 'nginx-light', commands: ['nginx'], why: 'is the web server of the HTTP probes' },
  { name: 'openssl', commands: ['openssl'], why: 'makes certificates, good and bad' },
  { name: 'influxdb', commands: ['influxd'], why: 'accepts the line protocol or refuses it' },
  { name: 'mmdb-bin', commands: ['mmdblookup'], why: 'reads the geography files of the tests, as another reader' },
  { name: 'traceroute', commands: ['traceroute'], why: 'finds the hops that those of traces are held against' },
  { name: 'mtr-tiny', commands: ['mtr'], why: 'does the same' },
  { name: 'iperf3', commands: ['iperf3'], why: 'measures throughput, for comparison' },
  { name: 'prometheus', commands: ['prometheus', 'promtool'], why: 'scrapes the metrics and checks the alert rules' },
  { name: 'chromium', commands: ['chromium'], why: 'is the browser that the dashboard is shown in' },
];
