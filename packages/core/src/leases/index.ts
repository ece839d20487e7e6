export { acquireLease, type Lease, type LeaseOptions, type LeaseWait } from '../lease.ts'
