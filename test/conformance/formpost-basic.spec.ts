import { describeBasicPlan } from './support/basic-modules.js';

describeBasicPlan('oidcc-formpost-basic-certification-test-plan', 'form_post');
