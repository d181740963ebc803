"""What people are told: patients, carers, coordinators. To whom, when and in which words; sends nothing."""
