"""What the sender notices of deploys, for each way of deploying that one machine can imitate."""
