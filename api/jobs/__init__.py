"""One readable table of job, trigger and function; the runner."""
