// In one process, because aws-cdk-lib takes seconds to load.
import './stacks.mjs';
import './readme.mjs';
