output "arn" {
  value = aws_lambda_function.function.arn
}
