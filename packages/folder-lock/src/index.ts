export {
  folderLock,
  type FolderLockOptions,
  type Held,
  type LockSurroundings,
  type WithLock,
} from './folder-lock.js';
export { newTicket, ownerOfTicket, thisProcess, type Processes } from './processes.js';
