export { OutagesView } from './outages-view.js';
export { TopologyView } from './topology-view.js';
