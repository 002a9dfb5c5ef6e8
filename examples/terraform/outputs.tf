output "new_user_pool_id" {
  value = aws_cognito_user_pool.new.id
}

output "new_client_id" {
  value = aws_cognito_user_pool_client.app.id
}

output "mapping_table" {
  value = aws_dynamodb_table.mapping.name
}

output "legacy_trigger_arn" {
  description = "For the legacy pool's LambdaConfig."
  value       = one(module.legacy_pre_token_generation[*].arn)
}
