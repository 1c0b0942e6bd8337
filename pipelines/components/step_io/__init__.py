"""What every Python step shares: whole files, one sentence for a failure, and the outputs of a pipeline's task."""
