import { describe, expect, it } from 'vitest';
import type { KernelView } from '../../../src/monitor/kernel-view.js';
import { resolveMonitorOptions } from '../../../src/monitor/monitor-options.js';
import { openView, type Rung } from '../../../src/monitor/open-view.js';

const handlers = { onChange: () => {}, onError: () => {} };
const options = resolveMonitorOptions({});

describe('the choice of a view', () => {
  it('is the first one that can be had, and the others are not tried', async () => {
    const tried: string[] = [];
    const first = viewOf('netlink');
    const opened = await openView(options, handlers, [
      noting(tried, 'first', async () => ({ view: first, ffi: 'koffi' })),
      noting(tried, 'second', async () => ({ view: viewOf('proc') })),
    ]);
    expect(opened).toEqual({ view: first, ffi: 'koffi' });
    expect(tried).toEqual(['first']);
  });

  it('says why there is nothing better, of each that is', async () => {
    const opened = await openView(options, handlers, [
      failing('koffi could not be loaded'),
      failing('there is no /sys/class/net'),
      async () => ({ view: viewOf('interfaces') }),
    ]);
    expect(opened.view.source).toBe('interfaces');
    expect(opened.reason).toBe('koffi could not be loaded; there is no /sys/class/net');
  });

  it('adds what the view itself does without', async () => {
    const opened = await openView(options, handlers, [
      failing('koffi could not be loaded'),
      async () => ({ view: viewOf('interfaces'), reason: 'os.networkInterfaces() fails' }),
    ]);
    expect(opened.reason).toBe('koffi could not be loaded; os.networkInterfaces() fails');
  });

  it('hands options and handlers on', async () => {
    const given: unknown[] = [];
    await openView(options, handlers, [
      async (...all) => {
        given.push(...all);
        return { view: viewOf('netlink') };
      },
    ]);
    expect(given).toEqual([options, handlers]);
  });

  it('does without netlink where the options say so, and names the option', async () => {
    const { view, reason } = await openView(resolveMonitorOptions({ enableNetlink: false }), handlers);
    expect(view.source).not.toBe('netlink');
    expect(reason).toContain('the option enableNetlink');
    view.close();
  });
});

function failing(reason: string): Rung {
  return async () => {
    throw new Error(reason);
  };
}

function noting(tried: string[], name: string, open: Rung): Rung {
  return (...all) => {
    tried.push(name);
    return open(...all);
  };
}

function viewOf(source: KernelView['source']): KernelView {
  return {
    source,
    links: () => new Map(),
    addresses: () => [],
    lookup: () => ({ kind: 'unanswered' }),
    watchDestinations: () => {},
    refreshLink: () => {},
    catchUp: () => false,
    refresh: () => {},
    interfaces: () => [],
    close: () => {},
  };
}
