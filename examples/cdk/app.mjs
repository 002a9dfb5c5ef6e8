import { App } from 'aws-cdk-lib';
import { createStacks } from './stacks.mjs';

createStacks(new App());
