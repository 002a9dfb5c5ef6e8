#!/bin/sh
# Changes the triggers of a user pool and nothing else. UpdateUserPool resets every setting that a call leaves out, so this reads all of
# them, changes the triggers, and writes all of them back. It needs jq and an up-to-date AWS CLI (an old one drops settings that it does
# not know).
#
#   sh set-triggers.sh USER_POOL_ID CHANGE
#
# CHANGE is a jq program over the pool's LambdaConfig: 'del(.PreSignUp)', or '{}' for no triggers.
set -eu
pool=${1:?the id of the user pool} change=${2:?the change of its LambdaConfig, for jq}
region=${pool%%_*}
settings=$(aws cognito-idp describe-user-pool --user-pool-id "$pool" --region "$region" --output json)
echo "Before: $(printf '%s' "$settings" | jq --compact-output '.UserPool.LambdaConfig // {}')"
input=$(printf '%s' "$settings" | jq '.UserPool | .UserPoolId = .Id | .PoolName = .Name |
  del(.Id, .Name, .Arn, .Status, .CreationDate, .LastModifiedDate, .SchemaAttributes, .AliasAttributes, .UsernameAttributes,
    .UsernameConfiguration, .EstimatedNumberOfUsers, .Domain, .CustomDomain, .SmsConfigurationFailure, .EmailConfigurationFailure,
    .AdminCreateUserConfig.UnusedAccountValidityDays) |
  .LambdaConfig = (.LambdaConfig // {} | '"$change"')')
test -n "$input"
aws cognito-idp update-user-pool --region "$region" --cli-input-json "$input"
echo "After: $(printf '%s' "$input" | jq --compact-output .LambdaConfig)"
