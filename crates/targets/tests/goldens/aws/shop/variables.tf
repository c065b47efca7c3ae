variable "image_api" {
  description = "The image of `api`, built from its source and pushed, by its digest"
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image_api))
    error_message = "Name the image by its digest: REGISTRY/NAME@sha256:..."
  }
}
