export * from './network-state.js';
