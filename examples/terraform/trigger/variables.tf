variable "shared" {
  description = "What all triggers of a configuration have in common."
  type = object({
    name            = string
    zip             = string
    hash            = string
    alarm_topic_arn = string
  })
}

variable "bundle" {
  description = "The name of the file in examples/triggers, without its ending."
  type        = string
}

variable "environment" {
  description = "Variables that are null are left out."
  type        = map(string)
}

variable "invoked_by" {
  description = "The ARN of the user pool that may invoke the function."
  type        = string
}

variable "statements" {
  description = "What the function may do, besides writing its log."
  type        = list(object({ actions = list(string), resource = string }))
}

variable "legacy_actions" {
  description = "What the function may do at the legacy pool, itself or by the role."
  type        = list(string)
  default     = []
}

variable "legacy_pool_arn" {
  type    = string
  default = null
}

variable "legacy_role_arn" {
  description = "A role in the legacy pool's account, if that is another account. The function may then only assume it."
  type        = string
  default     = null
}

variable "refuses" {
  description = "Whether the trigger refuses people by an error. Lambda's metric counts each wrong password then, so the log is counted instead."
  type        = bool
  default     = false
}
