import { describeBasicPlan } from './support/basic-modules.js';

describeBasicPlan('oidcc-basic-certification-test-plan', 'query');
