"""What the app costs, as ratios against alternatives that are measured in the same run."""
