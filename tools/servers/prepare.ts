// Before `npm test`: brings the servers that npm cannot bring, where that is possible without asking anybody.
import { installByApt } from '../apt.ts'
import { bringPackage } from './debian.ts'
import { findRedis } from './redis.ts'

if (findRedis() === undefined) installByApt('Redis (redis-tools: the program, without a daemon)', 'redis-tools')
for (const name of ['prometheus', 'prometheus-alertmanager', 'rabbitmq-server', 'icinga2-bin']) bringPackage(name)
