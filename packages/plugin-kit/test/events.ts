import type {
  AccessRequestCreated,
  AccessRequestReviewed,
  AccessRequestUpdated,
} from '../src/access-request.js';

const facts = {
  time: '2026-11-24T10:00:00.000Z',
  clusterName: 'teleport.example.com',
  reason: undefined,
};

export function created(changes: Partial<AccessRequestCreated> = {}): AccessRequestCreated {
  return {
    ...facts,
    event: 'access_request.create',
    uid: 'created',
    requestId: 'request',
    state: 'PENDING',
    user: 'alice',
    roles: ['admin'],
    resourceNames: [],
    ...changes,
  };
}

export function reviewed(changes: Partial<AccessRequestReviewed> = {}): AccessRequestReviewed {
  return {
    ...facts,
    event: 'access_request.review',
    uid: 'reviewed',
    requestId: 'request',
    state: 'APPROVED',
    reviewer: 'bob',
    proposedState: 'APPROVED',
    ...changes,
  };
}

export function updated(changes: Partial<AccessRequestUpdated> = {}): AccessRequestUpdated {
  return {
    ...facts,
    event: 'access_request.update',
    uid: 'updated',
    requestId: 'request',
    state: 'DENIED',
    updatedBy: 'carol',
    ...changes,
  };
}

/** As Teleport writes the three events about a request. */
export const teleportEvents = {
  create: {
    cluster_name: 'teleport.example.com',
    code: 'T5000I',
    ei: 0,
    event: 'access_request.create',
    expires: '2026-11-24T18:00:00.000Z',
    id: '01930a3a-77c8-73e1-9f6b-8e337215c5d1',
    max_duration: '2026-11-24T18:00:00.000Z',
    reason: 'to look after the backups',
    roles: ['admin', 'dba'],
    state: 'PENDING',
    time: '2026-11-24T10:00:00.000Z',
    uid: '8f1d1f3e-4d0b-4f0e-9d5a-6f2f0a4c1e01',
    user: 'alice',
    user_kind: 1,
  },
  review: {
    cluster_name: 'teleport.example.com',
    code: 'T5002I',
    ei: 0,
    event: 'access_request.review',
    expires: '2026-11-24T18:00:00.000Z',
    id: '01930a3a-77c8-73e1-9f6b-8e337215c5d1',
    proposed_state: 'APPROVED',
    reason: 'go ahead',
    reviewer: 'bob',
    state: 'APPROVED',
    time: '2026-11-24T10:05:00.000Z',
    uid: '8f1d1f3e-4d0b-4f0e-9d5a-6f2f0a4c1e02',
  },
  update: {
    cluster_name: 'teleport.example.com',
    code: 'T5001I',
    ei: 0,
    event: 'access_request.update',
    id: '01930a3a-77c8-73e1-9f6b-8e337215c5d1',
    state: 'DENIED',
    time: '2026-11-24T10:06:00.000Z',
    uid: '8f1d1f3e-4d0b-4f0e-9d5a-6f2f0a4c1e03',
    updated_by: 'carol',
    user: 'carol',
  },
};
