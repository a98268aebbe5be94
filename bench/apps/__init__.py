"""What the Gateway is compared with."""
