import { describe, expect, it } from 'vitest';
import { InvalidOptionError } from '../../../src/errors/index.js';
import { NetworkMonitor } from '../../../src/monitor/index.js';
import { resolveMonitorOptions } from '../../../src/monitor/monitor-options.js';

describe('the options of NetworkMonitor', () => {
  it('have the documented defaults', () => {
    expect(resolveMonitorOptions({})).toEqual({
      checkHosts: ['8.8.8.8', '1.1.1.1', '8.8.4.4'].map((host) => ({ kind: 'host', host })),
      checkPorts: [53, 443],
      checkInterval: 10_000,
      checkTimeout: 3_000,
      interfaces: ['*'],
      enableNetlink: true,
      notifyOnChange: true,
      trustCheckHosts: false,
      carrierGuard: 'while-working',
      pollInterval: 1_000,
    });
  });

  it('are copied, without doubles, so that a later change to the array changes nothing', () => {
    const checkHosts = ['192.0.2.1', '192.0.2.1'];
    const resolved = resolveMonitorOptions({ checkHosts, checkPorts: [53, 53] });
    checkHosts.push('192.0.2.2');
    expect(resolved).toMatchObject({ checkHosts: [{ kind: 'host', host: '192.0.2.1' }], checkPorts: [53] });
  });

  it.each([
    ['checkHosts', '8.8.8.8'],
    ['checkHosts', [8]],
    ['checkHosts', ['a host']],
    ['checkHosts', ['fe80::1%eth0']],
    ['checkHosts', ['192.0.2.1:53']],
    ['checkHosts', ['ftp://192.0.2.1/']],
    ['checkHosts', ['http://']],
    ['checkHosts', [{ url: 'http://192.0.2.1/', status: 99 }]],
    ['checkHosts', [{ url: 'http://192.0.2.1/', state: 204 }]],
    ['checkHosts', [{}]],
    ['checkHosts', ['-bad.example.com']],
    ['checkHosts', Array.from({ length: 33 }, (_, index) => `192.0.2.${index}`)],
    ['checkPorts', []],
    ['checkPorts', [0]],
    ['checkPorts', [65_536]],
    ['checkPorts', [53.5]],
    ['checkPorts', 53],
    ['checkInterval', 99],
    ['checkInterval', Number.NaN],
    ['checkInterval', Number.POSITIVE_INFINITY],
    ['checkInterval', '10s'],
    ['checkTimeout', 9],
    ['checkTimeout', 2 ** 31],
    ['interfaces', []],
    ['interfaces', ['']],
    ['interfaces', 'eth0'],
    ['enableNetlink', 'yes'],
    ['notifyOnChange', 1],
    ['trustCheckHosts', null],
    ['pollInterval', 49],
    ['carrierGuard', true],
  ])('refuse %s: %o, naming the option, the value and what is allowed', (option, value) => {
    const create = () => Reflect.construct(NetworkMonitor, [{ [option]: value }]);
    expect(create).toThrow(InvalidOptionError);
    expect(create).toThrow(new RegExp(`^NetworkMonitor: ${option} must be .+, but is `));
  });

  it('refuse a name that does not exist, and say which do', () => {
    expect(() => Reflect.construct(NetworkMonitor, [{ checkIntervall: 5 }])).toThrow(
      /checkIntervall must be left out: .*checkInterval/,
    );
    expect(() => Reflect.construct(NetworkMonitor, [null])).toThrow(InvalidOptionError);
    expect(() => Reflect.construct(NetworkMonitor, [[]])).toThrow(InvalidOptionError);
  });

  it('take undefined for "not given"', () => {
    expect(() => Reflect.construct(NetworkMonitor, [{ checkInterval: undefined }])).not.toThrow();
    expect(resolveMonitorOptions(Object.fromEntries([['checkInterval', undefined]]))).toMatchObject({
      checkInterval: 10_000,
    });
  });

  it('accept addresses of both families and names', () => {
    const checkHosts = ['192.0.2.1', '2001:db8::1', 'vcenter.example.com', 'host_1', 'localhost', 'example.com.'];
    expect(resolveMonitorOptions({ checkHosts }).checkHosts.map(({ host }) => host)).toEqual(checkHosts);
  });

  it('accept URLs, with the status that proves them', () => {
    const checkHosts = ['http://192.0.2.1/generate_204', { url: 'https://[2001:db8::1]:8443/', status: 204 }];
    expect(resolveMonitorOptions({ checkHosts }).checkHosts).toEqual([
      { kind: 'url', url: 'http://192.0.2.1/generate_204', host: '192.0.2.1', port: 80 },
      { kind: 'url', url: 'https://[2001:db8::1]:8443/', host: '2001:db8::1', port: 8443, status: 204 },
    ]);
  });
});
